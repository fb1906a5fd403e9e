"""Lead capture and follow-up: the steps a lead takes, the rules behind them, and the adapters they act through."""
