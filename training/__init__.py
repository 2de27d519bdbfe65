"""Retrain ``framing`` on labelled corpora: readers, splits, the trainer, calibration, the card."""
