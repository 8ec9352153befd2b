//! chartgate judges a Helm chart before it is released.
