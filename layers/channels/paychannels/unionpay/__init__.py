"""UnionPay, all-channel platform (ACP) 5.1.0: gateway, wap, app and QR payments, query, refund and undo, notices, file."""
