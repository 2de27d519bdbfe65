"""Quality tables: how good the models are on data that they were not trained on."""

from __future__ import annotations
