"""A training run: its loop, its state on disk, its settings, presets and parts."""
