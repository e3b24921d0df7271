"""Posters: what a lab shows without JavaScript, in print and before it is mounted.

Drawn from genie_edu's own numbers and rounded, so that the same state gives the same bytes.
`python -m genie_edu.lab.poster` rewrites the stored ones.
"""

from __future__ import annotations
