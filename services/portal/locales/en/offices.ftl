office-closed = Closed on { $value }
office-closed-due = A decision is not due any later because of it.
