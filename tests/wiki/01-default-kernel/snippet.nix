# kind: configuration
{ }
