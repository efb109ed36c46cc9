namespace fer {}
