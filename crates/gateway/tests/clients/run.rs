//! One client: a simulator of its own, the script, and the verdict over both.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::child::{Folder, Running};
use crate::support::till::Till;
use crate::verdict::{Charged, judge};

#[derive(Clone, Copy)]
pub(crate) enum Language {
    Python,
    Node,
}

pub(crate) struct Client {
    /// The channel's name in the ledger.
    pub(crate) channel: &'static str,
    pub(crate) language: Language,
    /// Beside this file.
    pub(crate) script: &'static str,
}

/// Runs the script against a fresh simulator and holds what it tells to the simulator's ledger.
pub(crate) fn drive(client: &Client) {
    let ledger = held(client);
    assert!(ledger.iter().any(|row| row.charged > 0), "{} moved no money", client.script);
}

/// Runs a script that only asks.
pub(crate) fn ask(client: &Client) {
    assert_eq!(held(client), []);
}

/// The ledger after the script, which agrees with what the script tells.
fn held(client: &Client) -> Vec<Charged> {
    let simulator = Simulator::start(&client.script.replace('/', "-"));
    let output = client.run(&simulator, true);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let log = String::from_utf8_lossy(&output.stderr);
    println!("{told}");
    assert!(output.status.success(), "{} ({}):\n{told}\n{log}", client.script, output.status);
    let ledger = simulator.ledger();
    let findings = judge(&told, client.channel, &ledger);
    assert!(findings.is_empty(), "{}: {findings:#?}\n{told}\n{log}", client.script);
    ledger
}

/// The same clients without the simulator's CA: each stops before it has asked anything.
pub(crate) fn without_the_ca(clients: &[Client]) {
    let simulator = Simulator::start("without-ca");
    for client in clients {
        let output = client.run(&simulator, false);
        let log = String::from_utf8_lossy(&output.stderr).to_lowercase();
        assert!(!output.status.success(), "{} trusts anybody", client.script);
        assert!(log.contains("certificate"), "{} fails for another reason: {log}", client.script);
    }
    assert_eq!(simulator.ledger(), []);
}

/// `paycode simulate --export`, killed when it goes out of scope.
struct Simulator {
    running: Running,
    export: PathBuf,
    _folder: Folder,
}

impl Simulator {
    fn start(name: &str) -> Simulator {
        let folder = Folder::new(&format!("client-{name}"));
        let [data, export] = ["data", "export"].map(|name| folder.path().join(name));
        let stderr = folder.path().join("stderr.log");
        let arguments =
            ["simulate", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--json", "--data"];
        let arguments = [&arguments[..], &[data.to_str().unwrap(), "--export", export.to_str().unwrap()]];
        let running = Running::start(&arguments.concat(), "info", &stderr, "config");
        Simulator { running, export, _folder: folder }
    }

    fn ledger(&self) -> Vec<Charged> {
        let rows = Till::new(&self.running.word("control"), "").get("/_simulator/ledger");
        rows.as_array().unwrap().iter().map(Charged::from_row).collect()
    }
}

impl Client {
    fn run(&self, simulator: &Simulator, ca: bool) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(self.script);
        let program = match self.language {
            Language::Python => installed("PAYCODE_CLIENTS_PYTHON"),
            Language::Node => OsString::from("node"),
        };
        let mut command = Command::new(&program);
        command
            .arg(script)
            .env("PAYCODE_EXPORT", &simulator.export)
            .env("PAYCODE_CONTROL", simulator.running.word("control"))
            .env("PAYCODE_CLIENTS_NODE_MODULES", installed("PAYCODE_CLIENTS_NODE_MODULES"))
            // The SDKs stamp their requests with the local time and take it for Shanghai's.
            .env("TZ", "Asia/Shanghai")
            .env("NO_PROXY", "127.0.0.1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONIOENCODING", "utf-8")
            .stdin(Stdio::null());
        for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
            command.env_remove(name);
            if ca {
                command.env(name, simulator.export.join("ca.pem"));
            }
        }
        command.output().unwrap_or_else(|error| panic!("{program:?}: {error}; run ./x test"))
    }
}

fn installed(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| panic!("the clients need {name}: run ./x test, which installs them"))
}
