"""The label sets that the shipped models speak, as data."""

from __future__ import annotations

TAXONOMY_VERSION = "1.0"

SOURCING_KINDS: tuple[str, ...] = ("none", "direct", "indirect", "mixed")
"""Who vouches for a sentence: the reporter (``none``) or a source, quoted, paraphrased, or both."""

SOURCE_SPANS: tuple[str, ...] = ("source", "cue", "content")
"""The parts of an attribution, after PolNeAR (Newell, Margolin and Ruths 2018)."""

FRAMES: tuple[str, ...] = (
    "economic",
    "capacity_and_resources",
    "morality",
    "fairness_and_equality",
    "legality_constitutionality_and_jurisprudence",
    "policy_prescription_and_evaluation",
    "crime_and_punishment",
    "security_and_defense",
    "health_and_safety",
    "quality_of_life",
    "cultural_identity",
    "public_opinion",
    "political",
    "external_regulation_and_reputation",
)
"""The frames of the Policy Frames Codebook (Boydstun, Card, Gross, Resnik and Smith 2014)."""

LOADED = "loaded"
LOADED_SPANS = "loaded_spans"
SOURCING = "sourcing"
SOURCE_SPAN_TASK = "source_spans"
FRAMING = "frames"

FACET_TASKS: dict[str, tuple[str, ...]] = {
    "loaded_language": (LOADED, LOADED_SPANS),
    "sourcing": (SOURCING, SOURCE_SPAN_TASK),
    "framing": (FRAMING,),
}
"""The tasks that each facet shows; the first one makes it."""
