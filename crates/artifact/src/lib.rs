//! Deployment packages: room for the capped unzip, the package inventory and the SnapStart hazards.
//! Nothing is read from packages yet.
