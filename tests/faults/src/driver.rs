//! Runs everything, in order, and tells at the end whether all of it held.

use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{process, thread};

use tokio::runtime::Builder;
use tokio::time::{interval, timeout};
use wscodec::compressors::Backend;

use crate::Failure;
use crate::attacks::{Attack, Ground};
use crate::healthy::{self, Healthy};
use crate::memory;
use crate::options::{Adapter, Options};
use crate::process::Server;
use crate::report::{self, AttackRow, Report};
use crate::soak;
use crate::ways::Way;

pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    watch(options);
    let mut report = Report::default();
    let mut failures = Vec::new();
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        for adapter in [Adapter::Blocking, Adapter::Tokio] {
            attack(adapter, options, &mut report, &mut failures).await?;
        }
        measure(options, &mut report, &mut failures).await;
        soak(options, &mut report, &mut failures).await;
        Ok::<_, Failure>(())
    })?;
    println!("\n{}", report.table());
    if let Some(file) = &options.json {
        report.write(file)?;
    }
    for failure in &failures {
        eprintln!("FAILED {failure}");
    }
    match failures.len() {
        0 => Ok(()),
        count => Err(format!("{count} failures").into()),
    }
}

/// Nothing here waits without an end; should it do so all the same, this ends it.
fn watch(options: &Options) {
    let most = options.soak + Duration::from_secs(if options.full { 900 } else { 300 });
    thread::spawn(move || {
        thread::sleep(most);
        eprintln!("still not done after {most:?}");
        process::exit(1);
    });
}

/// All attacks on one server, one after the other.
async fn attack(
    adapter: Adapter,
    options: &Options,
    report: &mut Report,
    failures: &mut Vec<String>,
) -> Result<(), Failure> {
    let wanted = |attack: &Attack| options.wants(&format!("{} {}", adapter.name(), attack.name()));
    let attacks: Vec<_> = Attack::ALL.into_iter().filter(wanted).collect();
    if attacks.is_empty() {
        return Ok(());
    }
    let backends: Vec<_> = Backend::available().collect();
    let mut server = Server::start(adapter, &backends)?;
    let ways = backends.iter().map(|&backend| Way { backend: Some(backend), takeover: true });
    let backends = ways
        .map(|way| Ok((way, server.address(way.name())?.to_owned())))
        .collect::<Result<Vec<_>, Failure>>()?;
    let plain = server.address(Way::PLAIN.name())?.to_owned();
    let (first, deflate) = backends.first().cloned().ok_or("no backend is compiled in")?;
    let healthy = Healthy::start(&[(Way::PLAIN, plain.clone()), (first, deflate.clone())]);
    let peers = match (adapter, options.full) {
        (Adapter::Blocking, _) => 16,
        (Adapter::Tokio, false) => 32,
        (Adapter::Tokio, true) => 64,
    };
    let ground = Arc::new(Ground { plain, deflate, backends, peers, full: options.full });
    server.settle(healthy::COUNT).await?;
    for attack in attacks {
        let started = Instant::now();
        match under(attack, adapter, &ground, &mut server, &healthy).await {
            Ok(row) => {
                println!("ok      {} {}: {}; {:.1?}", adapter.name(), row.name, row.seen, started.elapsed());
                report.attacks.push(row);
            }
            Err(error) => failed(failures, format!("{} {}: {error}", adapter.name(), attack.name())),
        }
    }
    drop(healthy);
    if let Err(error) = server.settle(0).await {
        failed(failures, format!("{}: {error}", adapter.name()));
    }
    Ok(())
}

/// One attack: what the server holds meanwhile and afterwards, and how healthy peers fare.
async fn under(
    attack: Attack,
    adapter: Adapter,
    ground: &Arc<Ground>,
    server: &mut Server,
    healthy: &Healthy,
) -> Result<AttackRow, Failure> {
    let before = server.held()?;
    healthy.waits()?;
    let running = attack.run(Arc::clone(ground));
    tokio::pin!(running);
    let mut ticks = interval(Duration::from_millis(50));
    let mut most = before.memory;
    let seen = timeout(LONGEST, async {
        loop {
            tokio::select! {
                seen = &mut running => return seen,
                _ = ticks.tick() => most = most.max(server.held()?.memory),
            }
        }
    })
    .await;
    let seen = seen.map_err(|_| format!("not done after {LONGEST:?}"))??;
    let counts = server.settle(healthy::COUNT).await?;
    let waits = healthy.waits()?;
    server.settle_at(&before, adapter).await?;
    let (growth, allowed) = (most - before.memory, attack.allowance() * ground.peers as u64 + SLACK);
    if counts.panicked > 0 {
        return Err("the server panicked".into());
    }
    if growth > allowed {
        return Err(format!("memory grew by {growth} bytes, and {allowed} are allowed").into());
    }
    waits.check()?;
    Ok(AttackRow { adapter, name: attack.name(), peers: ground.peers, seen, growth, allowed, waits })
}

const LONGEST: Duration = Duration::from_secs(120);

/// What allocators keep back.
const SLACK: u64 = 16 << 20;

async fn measure(options: &Options, report: &mut Report, failures: &mut Vec<String>) {
    let mut ways = vec![Way::PLAIN];
    for backend in Backend::available() {
        ways.extend([true, false].map(|takeover| Way { backend: Some(backend), takeover }));
    }
    for adapter in [Adapter::Blocking, Adapter::Tokio] {
        for &way in &ways {
            let connections = match (adapter, way.backend) {
                (Adapter::Tokio, None) => options.idle,
                (Adapter::Tokio, Some(_)) => options.idle / 10,
                (Adapter::Blocking, _) => 100,
            };
            let name = format!("idle {} {} takeover={}", adapter.name(), way.name(), way.takeover);
            if !options.wants(&name) {
                continue;
            }
            match timeout(LONGEST, memory::measure(adapter, way, connections)).await {
                Ok(Ok(row)) => {
                    println!(
                        "ok      {name}: {connections} connections of {} bytes, {} after messages; by their own account {}",
                        row.opened,
                        row.used,
                        row.own_account()
                    );
                    report.memory.push(row);
                }
                Ok(Err(error)) => failed(failures, format!("{name}: {error}")),
                Err(_) => failed(failures, format!("{name}: not done after {LONGEST:?}")),
            }
        }
    }
}

/// Both adapters at once.
async fn soak(options: &Options, report: &mut Report, failures: &mut Vec<String>) {
    if !options.wants("soak") {
        return;
    }
    let (threads, tasks) = tokio::join!(
        soak::run(Adapter::Blocking, options.connections.div_ceil(20), options.soak),
        soak::run(Adapter::Tokio, options.connections, options.soak)
    );
    for (adapter, outcome) in [(Adapter::Blocking, threads), (Adapter::Tokio, tasks)] {
        let checked = outcome.and_then(|outcome| {
            let checked = outcome.check();
            println!(
                "{} soak {}: {:?}, memory {} then {} bytes, echoes | {}",
                if checked.is_ok() { "ok     " } else { "FAILED " },
                adapter.name(),
                outcome.sums,
                outcome.early,
                outcome.late,
                report::waits(&outcome.waits)
            );
            report.soaks.push(outcome);
            checked
        });
        if let Err(error) = checked {
            failed(failures, format!("soak {}: {error}", adapter.name()));
        }
    }
}

fn failed(failures: &mut Vec<String>, what: String) {
    println!("FAILED  {what}");
    failures.push(what);
}
