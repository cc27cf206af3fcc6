//! A disk that is full, a command sent twice, a start from a snapshot: on real files, with the real journal.

use std::{fs, io::Write as _, path::Path, process::Command as Process, sync::Arc};

use domain::{
    Actor, ConferenceId, PersonId, UnitId,
    conference::{ConferenceCommand, Outline},
    directive::{Addressee, DirectiveCommand, Draft},
    organisation::UnitKind,
};
use jiff::civil::date;
use journal::{Journal as _, SqliteJournal};

use super::*;
use crate::clock::Clock;

fn started(dir: &Path) -> Engine {
    start(dir, Arc::new(Clock::real_time())).unwrap()
}

fn add_unit(number: u32) -> Command {
    Command::Organisation(OrganisationCommand::AddUnit {
        code: format!("{number:03}"),
        name: format!("UBND quận số {number}"),
        short: String::new(),
        kind: UnitKind::District,
        parent: None,
        aliases: Vec::new(),
        valid_from: date(2020, 1, 1),
    })
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn keyed(actor: Actor, key: &str, command: Command) -> Envelope {
    Envelope { command_id: Some(key.to_owned()), ..Envelope::new(actor, command) }
}

/// Flips a bit of a record of a stopped server's journal, wherever its hash stands.
pub(crate) fn damage(dir: &Path, seq: u64) {
    let mut hash = None;
    let reader = journal::Reader::open(dir).unwrap();
    let found = reader.read(seq, &mut |record| {
        hash = Some(record.hash);
        std::ops::ControlFlow::Break(())
    });
    found.unwrap();
    let hash = hash.unwrap();
    let path = dir.join("journal.db");
    let mut db = fs::read(&path).unwrap();
    for place in 0..db.len() - 32 {
        if &db[place..place + 32] == hash.as_bytes() {
            db[place] ^= 1;
        }
    }
    fs::write(path, db).unwrap();
}

/// Why commands are refused, as soon as they are.
pub(crate) async fn refused_by(engine: &Engine) -> SubmitError {
    let mut refusing = engine.refusing();
    let refused = refusing.wait_for(Option::is_some);
    let refused = tokio::time::timeout(std::time::Duration::from_secs(60), refused).await;
    refused.expect("nothing was found").unwrap().clone().unwrap()
}

/// A file system of its own in memory, small enough to be filled.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None`, said loudly, where mounting is not permitted.
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Process::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "nhipcau-engine"])
            .arg(dir.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(dir));
        }
        // Straight to the terminal: a skipped test must not look like a passed one.
        let skipped = "\n*** SKIPPED: the full disk test needs root to mount a small tmpfs ***\n";
        let _ = writeln!(std::io::stderr(), "{skipped}");
        None
    }

    fn filler(&self) -> std::path::PathBuf {
        self.0.path().join("filler")
    }

    fn fill(&self) {
        let mut file = fs::File::create(self.filler()).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Process::new("umount").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "a test left its tmpfs mounted");
    }
}

#[tokio::test]
async fn on_a_full_disk_a_command_is_refused_with_the_reason_and_nothing_has_changed() {
    let Some(disk) = SmallDisk::mount() else { return };
    let dir = disk.0.path().join("data");
    fs::create_dir(&dir).unwrap();
    let engine = started(&dir);
    engine.act(Actor::System, add_unit(1)).await.unwrap();
    let (state, head, mut changes) = (engine.state(), engine.head(), engine.changes());
    changes.mark_unchanged();
    let mut tail = engine.tail();

    disk.fill();
    // What fits into the log's last page is still kept; everything acknowledged is there below.
    let mut kept = 1;
    let reason = loop {
        match engine
            .submit(keyed(Actor::System, &format!("unit-{}", kept + 1), add_unit(kept + 1)))
            .await
        {
            Ok(_) => kept += 1,
            Err(SubmitError::DiskFull(reason)) => break reason,
            Err(other) => panic!("{other}"),
        }
        assert!(kept < 10_000, "the disk never was full");
    };
    assert!(reason.contains("full"), "{reason}");
    let full = engine.state();
    assert_eq!(full.seq(), u64::from(kept));
    assert_eq!(engine.head().seq, full.seq());
    assert_eq!(full.organisation().units().count(), kept as usize);
    assert!(
        kept > 1
            || (Arc::ptr_eq(&state, &full)
                && engine.head() == head
                && !changes.has_changed().unwrap())
    );
    while let Ok(batch) = tail.try_recv() {
        assert!(batch.iter().all(|(meta, _)| meta.seq <= full.seq()), "told what is not true");
    }
    assert_eq!(engine.stats().unavailable.load(std::sync::atomic::Ordering::Relaxed), 1);
    // What is wrong in itself is still told so, and reading goes on.
    let refused = engine.act(Actor::System, add_unit(1)).await;
    assert!(matches!(refused, Err(SubmitError::Refused(_))), "{refused:?}");
    let again = engine
        .submit(keyed(Actor::System, &format!("unit-{}", kept + 1), add_unit(kept + 1)))
        .await;
    assert!(matches!(again, Err(SubmitError::DiskFull(_))), "{again:?}");
    assert!(Arc::ptr_eq(&full, &engine.state()));

    // With room it goes on by itself, and the refusal was no answer: the same key is carried out now.
    disk.make_room();
    let made = engine
        .submit(keyed(Actor::System, &format!("unit-{}", kept + 1), add_unit(kept + 1)))
        .await
        .unwrap();
    assert_eq!(made.seq, u64::from(kept) + 1);
    let state = engine.state();
    engine.stop().await;
    assert_eq!(read_state(&dir).unwrap(), *state);
}

#[tokio::test]
async fn on_a_journal_damaged_before_its_snapshot_nothing_is_recorded_once_that_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let engine = started(dir.path());
    for number in 1..=30 {
        let made = keyed(Actor::System, &format!("unit-{number}"), add_unit(number));
        engine.submit(made).await.unwrap();
    }
    let (state, head) = (engine.state(), engine.head());
    engine.stop().await;
    damage(dir.path(), 7);
    let snapshots = || fs::read_dir(dir.path().join("snapshots")).unwrap().count();
    assert_eq!(snapshots(), 1);

    let engine = started(dir.path());
    assert_eq!(*engine.state(), *state);
    let told = Some(refused_by(&engine).await);

    for number in [31, 32] {
        let refused = engine.act(Actor::System, add_unit(number)).await;
        let Err(SubmitError::Damaged(damage)) = &refused else { panic!("{refused:?}") };
        assert_eq!(damage.seq, Some(7));
        assert_eq!(refused.err(), told);
    }
    // Who asks again for what was recorded gets the answer, and what is wrong in itself is told so.
    let again = engine.submit(keyed(Actor::System, "unit-9", add_unit(9))).await;
    assert_eq!(again.unwrap().seq, 9);
    let wrong = engine.act(Actor::System, add_unit(1)).await;
    assert!(matches!(wrong, Err(SubmitError::Refused(_))), "{wrong:?}");
    assert_eq!(*engine.state(), *state);
    assert_eq!(engine.head(), head);
    engine.stop().await;
    assert_eq!(snapshots(), 1);
    let found = journal::Reader::open(dir.path()).unwrap().head();
    assert_eq!(found, Ok(head), "something was recorded after the damage");
}

#[tokio::test]
async fn a_command_sent_again_after_a_restart_gets_the_first_answer() {
    let dir = tempfile::tempdir().unwrap();
    let engine = started(dir.path());
    let (one, two) = (Actor::System, Actor::Person(PersonId(1)));
    let admin = engine.make_administrator("quantri", "Quản trị").await.unwrap();
    assert_eq!(admin, PersonId(1));
    let first = engine.submit(keyed(one, "k", add_unit(1))).await.unwrap();
    let other = engine.submit(keyed(one, "k", add_unit(2))).await;
    assert_eq!(other, Err(SubmitError::KeyReused));
    let together = |_: &mut Trial<'_>| -> Result<(), Refusal> { panic!("carried out twice") };
    let steps: Steps =
        Box::new(|trial| trial.give(&add_unit(3)).and_then(|()| trial.give(&add_unit(4))));
    let act = engine.submit_together(one, Some("act".into()), steps).await.unwrap();
    let seq = engine.state().seq();
    engine.stop().await;

    let engine = started(dir.path());
    // Another command under the same key is refused as it was before the restart, and after the right one was asked for again.
    for _ in 0..2 {
        let other = engine.submit(keyed(one, "k", add_unit(2))).await;
        assert_eq!(other, Err(SubmitError::KeyReused));
        let again = engine.submit(keyed(one, "k", add_unit(1))).await;
        assert_eq!(again, Ok(first.clone()));
    }
    assert_eq!(engine.submit_together(one, Some("act".into()), Box::new(together)).await, Ok(act));
    assert_eq!(engine.state().seq(), seq, "nothing was done twice");
    // A name is sealed anew when its sender asks again: it is the same person all the same.
    let person = |sealed: &str| {
        let (login, position) = ("chuyenvien".to_owned(), "Chuyên viên".to_owned());
        let (name, phone) = (Sealed(sealed.to_owned()), Sealed(format!("{sealed}+")));
        let unit = None;
        Command::Organisation(OrganisationCommand::AddPerson { login, position, unit, name, phone })
    };
    let added = engine.submit(keyed(one, "p", person("v1.a.aaaa"))).await;
    assert!(added.is_ok(), "{added:?}");
    assert_eq!(engine.submit(keyed(one, "p", person("v1.b.bbbb"))).await, added);
    let seq = engine.state().seq();
    // A key is its sender's own, and one that begins alike is another key.
    let made = engine.submit(keyed(two, "k", add_unit(5))).await.unwrap();
    assert_eq!(made.seq, seq + 1);
    let made = engine.submit(keyed(one, "k.1", add_unit(6))).await.unwrap();
    assert_eq!(made.seq, seq + 2);
    engine.stop().await;
}

#[tokio::test]
async fn a_snapshot_and_what_came_after_it_make_the_state_that_the_whole_journal_makes() {
    let dir = tempfile::tempdir().unwrap();
    let engine = started(dir.path());
    for number in 1..=30 {
        engine.act(Actor::System, add_unit(number)).await.unwrap();
    }
    // Stopping keeps a snapshot.
    engine.stop().await;

    let engine = started(dir.path());
    let outline = Outline {
        title: "Hội nghị tổng kết".into(),
        subject: String::new(),
        date: Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date(),
        starts: "08:00".into(),
        place: String::new(),
        main_site: "Hội trường".into(),
        chair_position: "Chủ tịch UBND Thành phố".into(),
        issuer: UnitId(1),
    };
    engine.act(Actor::System, ConferenceCommand::Create { outline }).await.unwrap();
    let conference = ConferenceId(1);
    for number in 1..=20 {
        let site = ConferenceCommand::AddSite {
            conference,
            slug: format!("quan-{number}"),
            name: format!("Quận {number}"),
            units: vec![UnitId(number)],
            chair_position: String::new(),
            telephone: String::new(),
        };
        engine.act(Actor::System, site).await.unwrap();
    }
    engine.act(Actor::System, ConferenceCommand::Open { conference }).await.unwrap();
    engine.act(Actor::System, ConferenceCommand::StartSession { conference }).await.unwrap();
    for number in 1..=10 {
        let draft = Draft {
            text: format!("Rà soát lần {number}"),
            lead: vec![Addressee::Unit(UnitId(number))],
            coordinating: vec![Addressee::Unit(UnitId(number + 1))],
            due_words: "trước 30/6".into(),
        };
        let capture = DirectiveCommand::Capture { conference, spoken_at: None, draft };
        engine.act(Actor::System, capture).await.unwrap();
    }
    let state = engine.state();

    // As after a power cut: the files as they lie there, the snapshot older than the journal.
    let copy = tempfile::tempdir().unwrap();
    copy_folder(dir.path(), copy.path());
    let journal = SqliteJournal::open(copy.path()).unwrap();
    let (at, _) = journal.latest_snapshot(domain::SNAPSHOT_FORMAT).unwrap().expect("a snapshot");
    assert_eq!(at, 30);
    drop(journal);
    let cut = started(copy.path());
    assert_eq!(*cut.state(), *state);
    assert_eq!(cut.head(), engine.head());
    assert_eq!(cut.state().to_snapshot(), state.to_snapshot());
    assert_eq!(read_state(dir.path()).unwrap(), *state);
    cut.stop().await;
    engine.stop().await;
    let again = started(dir.path());
    assert_eq!(*again.state(), *state);
    again.stop().await;
}
