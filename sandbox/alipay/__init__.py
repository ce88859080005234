"""A simulated Alipay: a program of its own that verifies our requests and signs with its own key.

Only its wire stands here; books, faults, callbacks and pages are the kit's (``sandbox.simulator``). Nothing here may
import product code: the simulator is the other side of the wire, and shared code would agree with itself.
"""
