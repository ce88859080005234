"""The front door: HTTP in, payload 2.0 events to the emulator's Lambda, answers out, as an HTTP API does it.

The emulator's own HTTP API ignores the routes of a template (and differs elsewhere), so this program stands before it.
It knows no route, no function and no rule of the product: routes come from the deployed stack.
"""
