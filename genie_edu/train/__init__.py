"""Training: its loop, its state on disk, its settings, its batches and what is learned."""
