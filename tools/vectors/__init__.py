"""Test vectors made by others, run against what production calls."""
