"""The runs that the book ships, and the way from nothing to one."""
