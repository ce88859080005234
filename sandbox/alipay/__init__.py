"""A simulated Alipay: a program of its own that verifies our requests, keeps a ledger and signs with its own key.

Nothing here may import product code: the simulator is the other side of the wire, and shared code would agree with
itself.
"""
