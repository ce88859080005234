"""The payment channels: one folder each, found through `registry`, all behind the port `paycenter.ports.channel`."""
