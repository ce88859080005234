"""A simulated WeChat Pay, API v3: a program of its own that verifies our requests and signs with its own keys.

Only its wire stands here; books, faults, callbacks and pages are the kit's (``sandbox.simulator``). Nothing here may
import product code: the simulator is the other side of the wire, and shared code would agree with itself.

Where it can't be like the original: no camera reads a code, so who scans ``weixin://wxpay/bizpayurl?pr=…`` opens ``/qr/…``
here, and ``/bridge.js`` stands in for the script bridge that WeChat's own browser puts into a page.
"""
