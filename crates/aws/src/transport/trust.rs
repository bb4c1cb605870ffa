//! The certificates of a bundle that the scanner trusts.

use aws_smithy_http_client::tls::TrustStore;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// A file of certificates that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It cannot be read.
    #[error("cannot read the certificates in {path}, which {setting} names: {cause}")]
    Unreadable {
        /// The variable or the profile that names it.
        setting: String,
        /// The file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// It contains no certificate.
    #[error("{path}, which {setting} names, contains no certificate in PEM format")]
    NoCertificate {
        /// The variable or the profile that names it.
        setting: String,
        /// The file.
        path: String,
    },
}

/// Trusts the certificates of a file in PEM format, and no others.
///
/// Source: botocore passes the bundle to its HTTP library in place of the default certificates. A
/// certificate that cannot be parsed is skipped, since bundles of operating systems contain some.
pub(crate) fn bundle(setting: &str, path: &str) -> Result<TrustStore, TrustError> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let (setting, shown) = (setting.to_owned(), lambdasweep_model::printable(path));
    let unreadable = |cause| TrustError::Unreadable {
        setting: setting.clone(),
        path: shown.clone(),
        cause,
    };
    let bytes = crate::environment::read_bounded(path).map_err(unreadable)?;
    let text = String::from_utf8_lossy(&bytes);
    let (mut trusted, mut found) = (TrustStore::empty(), false);
    for (at, _) in text.match_indices(BEGIN) {
        let Some(length) = text[at..].find(END) else {
            break;
        };
        let pem = &text[at..at + length + END.len()];
        let readable = CertificateDer::from_pem_slice(pem.as_bytes())
            .is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok());
        if readable {
            trusted = trusted.with_pem_certificate(pem);
            found = true;
        }
    }
    if found {
        Ok(trusted)
    } else {
        Err(TrustError::NoCertificate {
            setting,
            path: shown,
        })
    }
}
