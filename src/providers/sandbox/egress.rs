//! What the operator lets commands reach at most.

use super::super::{
    gate::{Gate, Hosts},
    reach::PrivateHosts,
};
use super::Network;
use crate::config::{Egress as Chosen, SandboxConfig};

/// The operator's word.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    private: PrivateHosts,
    machine: bool,
}

impl Egress {
    /// As configured.
    #[must_use]
    pub fn configured(config: &SandboxConfig) -> Self {
        Self {
            private: PrivateHosts::new(config.private_registry_hosts.iter()),
            machine: config.network == Chosen::Machine,
        }
    }

    /// What a command may reach when it was given the network, with the hosts that its repository's people named.
    #[must_use]
    pub fn to(&self, hosts: &[String]) -> Network {
        if self.machine {
            return Network::Machine;
        }
        Network::Hosts(self.gate(hosts))
    }

    /// The gate to these hosts. Who needs one has no more than that, also where commands may have all of the machine's
    /// network.
    #[must_use]
    pub fn gate(&self, hosts: &[String]) -> Gate {
        Gate::new(Hosts::of(hosts), self.private.clone())
    }
}
