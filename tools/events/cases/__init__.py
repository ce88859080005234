"""The cases, one module a function."""
