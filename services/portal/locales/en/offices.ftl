office-closed = Closed on { $value }
