/// Which end of the connection this endpoint is; it decides who masks (RFC 6455 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes masked frames and sends unmasked ones.
    Server,
    /// Takes unmasked frames and masks the ones it sends.
    Client,
}
