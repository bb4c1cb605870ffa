//! Services that speak several protocols.
