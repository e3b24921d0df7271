"""What a run is worth: its tables, its costs, its samples beside their nearest data."""
