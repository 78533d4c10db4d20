//! Bytes that stay as they are.

#[cfg(feature = "bytes")]
type Bytes = bytes::Bytes;
#[cfg(not(feature = "bytes"))]
type Bytes = Vec<u8>;

/// Never changed once it is made; with the feature `bytes` it can be handed out without a copy.
pub(crate) struct Payload(Bytes);

impl Payload {
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    #[cfg(feature = "bytes")]
    pub(crate) fn share(&self) -> bytes::Bytes {
        self.0.clone()
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        #[cfg(feature = "bytes")]
        let bytes = Bytes::from(bytes);
        Self(bytes)
    }
}

#[cfg(feature = "bytes")]
impl From<bytes::Bytes> for Payload {
    fn from(bytes: bytes::Bytes) -> Self {
        Self(bytes)
    }
}
