"""Figures: their colours, plots and pictures, and what notebooks need to show them."""
