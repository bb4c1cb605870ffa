//! A company's network: its proxy, and the authority that signs the certificate behind it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::harness::{AS_OF, Mock, program};

/// How the proxy answers.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    Obliging,
    /// Whatever it is asked, it answers this and closes.
    Answering(&'static str),
}

/// A company's network: a proxy is the only way out, and a private authority signs the certificate
/// at the other end.
pub(super) struct Network {
    pub(super) proxy: SocketAddr,
    pub(super) front: SocketAddr,
    /// The first line and the authorization of each request to the proxy.
    pub(super) asked: Arc<Mutex<Vec<(String, String)>>>,
    pub(super) folder: tempfile::TempDir,
    pub(super) mock: Mock,
    _runtime: Runtime,
}

impl Network {
    pub(super) fn start(world: &str, names: &[&str], manner: Manner) -> Self {
        let mock = Mock::start(world);
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (authority, acceptor) = certificates(names);
        std::fs::write(
            folder.path().join("ca.pem"),
            format!("# Example Corp\n{authority}"),
        )
        .unwrap();
        std::fs::write(folder.path().join("other.pem"), certificates(names).0).unwrap();
        let target = mock.server().address();
        let listen = || runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (front_listener, proxy_listener) = (listen(), listen());
        let (front, proxy) = (
            front_listener.local_addr().unwrap(),
            proxy_listener.local_addr().unwrap(),
        );
        runtime.spawn(async move {
            while let Ok((stream, _)) = front_listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut from = acceptor.accept(stream).await.ok()?;
                    let mut to = TcpStream::connect(target).await.ok()?;
                    copy_bidirectional(&mut from, &mut to).await.ok()
                });
            }
        });
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        runtime.spawn(async move {
            while let Ok((stream, _)) = proxy_listener.accept().await {
                tokio::spawn(serve(stream, manner, front, target, Arc::clone(&log)));
            }
        });
        Self {
            proxy,
            front,
            asked,
            folder,
            mock,
            _runtime: runtime,
        }
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn hosts(&self) -> BTreeSet<String> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .map(|(line, _)| {
                line.trim_start_matches("CONNECT ")
                    .split([':', ' '])
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    /// A scan with the proxy, and with the private authority's certificate.
    pub(super) fn scan(&self, out: &Path, more: &[&str]) -> Command {
        let mut command = program(self.mock.management_account());
        command
            .args([
                "scan",
                "--quota-share",
                "off",
                "--attempts",
                "2",
                "--as-of",
                AS_OF,
                "--out",
            ])
            .arg(out)
            .args(more);
        command
            .env(
                "HTTPS_PROXY",
                format!("http://user%40example:PASSword@{}", self.proxy),
            )
            .env("AWS_CA_BUNDLE", self.file("ca.pem"));
        command
    }
}

/// A private authority's certificate, and a server with a certificate that it signed.
pub(super) fn certificates(names: &[&str]) -> (String, TlsAcceptor) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Example Corp Root");
    let authority_key = KeyPair::generate().unwrap();
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let certificate = CertificateParams::new(names)
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    (authority_pem, TlsAcceptor::from(Arc::new(server)))
}

/// One connection to the proxy: a tunnel to the front, or a plain request that goes to the mock as
/// it is.
async fn serve(
    mut from: TcpStream,
    manner: Manner,
    front: SocketAddr,
    mock: SocketAddr,
    log: Arc<Mutex<Vec<(String, String)>>>,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut part = [0; 4096];
        let length = from
            .read(&mut part)
            .await
            .ok()
            .filter(|length| *length > 0)?;
        head.extend_from_slice(&part[..length]);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let line = text.lines().next().unwrap_or_default().to_owned();
    let authorization = text.lines().find_map(|line| {
        line.split_once(": ")
            .filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
    });
    log.lock().unwrap().push((
        line.clone(),
        authorization.map_or_else(String::new, |(_, value)| value.to_owned()),
    ));
    if let Manner::Answering(answer) = manner {
        from.write_all(answer.as_bytes()).await.ok()?;
        return from.shutdown().await.ok();
    }
    let mut to = if line.starts_with("CONNECT ") {
        from.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .await
            .ok()?;
        TcpStream::connect(front).await.ok()?
    } else {
        let mut to = TcpStream::connect(mock).await.ok()?;
        to.write_all(&head).await.ok()?;
        to
    };
    copy_bidirectional(&mut from, &mut to)
        .await
        .ok()
        .map(|_| ())
}
