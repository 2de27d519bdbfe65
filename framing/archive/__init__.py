"""Archives: many files of articles, scored part by part so that a run can stop and go on."""

from __future__ import annotations
