//! The server as its owner sees it: started or adopted, checked, stopped.

use std::fmt;

use super::{
    DATABASE, Error, Progress, Settings, USER, account,
    bundle::{self, Source},
    cluster::{self, Cluster},
    launch::bring_up,
    lock::Lock,
    postmaster,
    process::Keeper,
    socket::{self, Endpoint},
};

/// A running server: started by us, or adopted. Dropping it stops a server we started and leaves an adopted one alone.
pub struct Server {
    cluster: Cluster,
    endpoint: Endpoint,
    url: String,
    pid: u32,
    /// Present when the server is our child.
    keeper: Option<Keeper>,
}

/// What [`Server::check`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// The server runs.
    Running,
    /// The server was gone and has been brought back; open connections are lost, the URL is worth reading again.
    Restarted,
}

impl Server {
    /// Finds or fetches Postgres, creates the cluster when it is missing, and starts or adopts its server. Blocks until
    /// the server answers.
    pub fn start(
        settings: &Settings,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Self, Error> {
        let home = cluster::home(&settings.home)?;
        let account = account::choose(settings.user.as_deref(), &home.join("data"))?;
        // Asked first: nobody should wait for a download only to hear that its place is out of reach.
        account::reach(&home, account.as_ref())?;
        let _lock = Lock::take(&home.join("lock"), progress)?;
        let source = bundle::find(settings, &home, progress)?;
        let major = bundle::major(&source, account.as_ref())?;
        let cluster = Cluster::open(settings, home, account, source, progress)?;
        cluster.initialise(major, progress)?;
        let mut keeper = None;
        let found = bring_up(&cluster, &mut keeper, progress)?;
        let url = found.endpoint.url(USER, &cluster.secret, DATABASE);
        tracing::info!(source = %cluster.source, pid = found.pid, adopted = keeper.is_none(), "Postgres is ready");
        progress(Progress::Ready {
            adopted: keeper.is_none(),
        });
        Ok(Self {
            cluster,
            endpoint: found.endpoint,
            url,
            pid: found.pid,
            keeper,
        })
    }

    /// The connection URL of our database; it holds the password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the server's programs came from.
    pub fn source(&self) -> &Source {
        &self.cluster.source
    }

    /// Whether another process started the server.
    pub fn adopted(&self) -> bool {
        self.keeper.is_none()
    }

    /// The server's process id as last seen, or `None` when it is gone since.
    pub fn pid(&self) -> Option<u32> {
        postmaster::living(&self.cluster.data)
            .map(|found| found.pid)
            .filter(|pid| *pid == self.pid)
    }

    /// Looks whether the server lives, and brings it back when it does not: as ours, unless another process was
    /// quicker. Call it every few seconds; it returns at once while all is well.
    pub fn check(&mut self) -> Result<Health, Error> {
        if self.alive()? {
            return Ok(Health::Running);
        }
        tracing::warn!(pid = self.pid, "Postgres is gone, bringing it back");
        let mut report = |step: Progress<'_>| tracing::info!("{step}");
        let _lock = Lock::take(&self.cluster.home.join("lock"), &mut report)?;
        let found = bring_up(&self.cluster, &mut self.keeper, &mut report)?;
        self.url = found.endpoint.url(USER, &self.cluster.secret, DATABASE);
        self.endpoint = found.endpoint;
        self.pid = found.pid;
        Ok(Health::Restarted)
    }

    /// Stops a server we started and waits for its end; leaves an adopted one alone.
    pub fn stop(mut self) -> Result<(), Error> {
        self.end()
    }

    fn alive(&self) -> Result<bool, Error> {
        match &self.keeper {
            // Asking the child itself also buries it when it is dead.
            Some(keeper) => keeper
                .exited()
                .map(|exited| exited.is_none())
                .map_err(self.child_error()),
            None => Ok(postmaster::living(&self.cluster.data)
                .is_some_and(|found| found.pid == self.pid && found.ready)),
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        let Some(keeper) = self.keeper.take() else {
            return Ok(());
        };
        let stopped = keeper.stop().map_err(self.child_error());
        socket::tidy(&self.cluster.home, &self.endpoint.directory);
        stopped
    }

    fn child_error(&self) -> impl FnOnce(std::io::Error) -> Error {
        Error::io("look after", self.cluster.source.program("postgres"))
    }
}

/// Shows what may be logged, which the URL may not: it holds the password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("home", &self.cluster.home)
            .field("pid", &self.pid)
            .field("adopted", &self.adopted())
            .finish_non_exhaustive()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "Postgres could not be stopped");
        }
    }
}
