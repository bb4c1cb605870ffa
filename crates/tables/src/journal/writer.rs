//! The only writer of a journal: a separate thread, so that nothing else waits for the disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

use super::frame::FrameHead;
use super::index::UnitIndex;
use crate::{TablesError, Unit};

const SYNC_EVERY: Duration = Duration::from_secs(1);
/// The maximum number of frames that wait for the writer; their rows are in memory.
const MOST_WAITING: usize = 64;

type Done = oneshot::Sender<Result<(), TablesError>>;

/// The positions of each unit's rows. The writer adds a frame after writing it.
#[derive(Debug, Default)]
pub(super) struct Index(Mutex<BTreeMap<Unit, UnitIndex>>);

impl Index {
    pub(super) fn of(units: BTreeMap<Unit, UnitIndex>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(units)))
    }

    /// Locked only for lookups, never while a file is read or written.
    pub(super) fn units(&self) -> MutexGuard<'_, BTreeMap<Unit, UnitIndex>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Message {
    Frame {
        unit: Unit,
        head: FrameHead,
        bytes: Vec<u8>,
        /// The offset of the rows in the bytes.
        rows_at: u64,
        done: Done,
    },
    Sync(Sender<Result<(), TablesError>>),
}

/// The handle of the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    sender: Option<Sender<Message>>,
    thread: Option<JoinHandle<()>>,
    free: Semaphore,
}

/// The state of the thread.
struct Disk {
    file: File,
    path: PathBuf,
    end: u64,
    index: Arc<Index>,
    synced: Instant,
    /// Whether something was written that may not be on disk yet.
    unsynced: bool,
    /// Why syncing failed last; the next writer gets this error.
    failed: Option<TablesError>,
}

impl Writer {
    /// Starts the thread, which continues writing at `end`.
    pub(super) fn start(
        file: File,
        path: PathBuf,
        end: u64,
        index: &Arc<Index>,
    ) -> Result<Self, TablesError> {
        let (sender, receiver) = channel();
        let disk = Disk {
            file,
            path: path.clone(),
            end,
            index: Arc::clone(index),
            synced: Instant::now(),
            unsynced: false,
            failed: None,
        };
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || disk.run(&receiver))
            .map_err(|source| TablesError::file("write", &path, source))?;
        Ok(Self {
            path,
            sender: Some(sender),
            thread: Some(thread),
            free: Semaphore::new(MOST_WAITING),
        })
    }

    /// Writes a frame; its rows can be read after this returns.
    pub(super) async fn write(
        &self,
        unit: Unit,
        head: FrameHead,
        bytes: Vec<u8>,
        rows_at: u64,
    ) -> Result<(), TablesError> {
        // The semaphore is never closed, so this never fails.
        let _permit = self.free.acquire().await;
        let (done, written) = oneshot::channel();
        let message = Message::Frame {
            unit,
            head,
            bytes,
            rows_at,
            done,
        };
        self.send(message)?;
        written.await.map_err(|_| self.stopped())?
    }

    /// Waits until everything that was written is on disk.
    pub(super) fn sync(&self) -> Result<(), TablesError> {
        let (done, synced) = channel();
        self.send(Message::Sync(done))?;
        synced.recv().map_err(|_| self.stopped())?
    }

    fn send(&self, message: Message) -> Result<(), TablesError> {
        let sender = self.sender.as_ref().ok_or_else(|| self.stopped())?;
        sender.send(message).map_err(|_| self.stopped())
    }

    fn stopped(&self) -> TablesError {
        let reason = std::io::Error::other("the thread that writes it has stopped");
        TablesError::file("write", &self.path, reason)
    }
}

impl Drop for Writer {
    /// Waits for the thread to write what is pending and to release the file and its lock.
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Disk {
    fn run(mut self, messages: &Receiver<Message>) {
        loop {
            let message = if self.unsynced {
                messages.recv_timeout(SYNC_EVERY.saturating_sub(self.synced.elapsed()))
            } else {
                messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match message {
                Ok(Message::Frame {
                    unit,
                    head,
                    bytes,
                    rows_at,
                    done,
                }) => {
                    let written = self.write(unit, &head, &bytes, rows_at);
                    // If the scan has failed elsewhere, nobody waits for the result.
                    let _ = done.send(written);
                }
                Ok(Message::Sync(done)) => {
                    let synced = self.sync();
                    let _ = done.send(synced);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            // Under load the timeout may never occur, so check here as well.
            if self.unsynced && self.synced.elapsed() >= SYNC_EVERY {
                self.failed = self.sync().err();
            }
        }
    }

    fn write(
        &mut self,
        unit: Unit,
        head: &FrameHead,
        bytes: &[u8],
        rows_at: u64,
    ) -> Result<(), TablesError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let written = self
            .file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_| self.file.write_all(bytes));
        written.map_err(|source| TablesError::file("write", &self.path, source))?;
        let rows_at = self.end + rows_at;
        self.end += bytes.len() as u64;
        if !self.unsynced {
            self.unsynced = true;
            self.synced = Instant::now();
        }
        let mut units = self.index.units();
        units.entry(unit).or_default().add(head, rows_at);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), TablesError> {
        self.unsynced = false;
        self.synced = Instant::now();
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.file
            .sync_data()
            .map_err(|source| TablesError::file("write", &self.path, source))
    }
}
