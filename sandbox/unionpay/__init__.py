"""A simulated UnionPay (ACP 5.1.0): it verifies our requests and signs with a certificate that travels in the message.

Only its wire stands here; books, faults, callbacks and pages are the kit's (``sandbox.simulator``).
"""
