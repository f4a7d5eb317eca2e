"""ECGs of a reader as median beats or strips with labels, made once and kept in the store."""
