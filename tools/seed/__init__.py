"""The orders that the events name, in the states that the events expect, written to a running system.

A repeat puts every one of them back. Nothing here is for production: the cashier's secret is a constant.
"""
