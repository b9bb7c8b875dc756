"""Which subscriptions a change concerns: an index in memory per tenant, and the decision. No I/O."""
