//! The parent's side: a few workers kept warm, one request at a time each, killed and replaced at the deadline.

use std::{
    io::{Read, Write},
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Condvar, Mutex, mpsc},
    time::Duration,
};

use kernel::Failure;

use super::{Answer, Request, broken, child::READY};

/// What a worker may use before it is killed.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one request, in time of its own: on a busy machine a worker may wait for a processor as long again, many times.
    pub deadline: Duration,
    /// Of one answer.
    pub output_bytes: usize,
    /// Workers at the same time.
    pub workers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), output_bytes: 8 * 1024 * 1024, workers: 2 }
    }
}

/// A worker that has served this many requests is replaced: what one template left behind ends with it.
const REQUESTS_A_WORKER: u32 = 64;
/// How many deadlines long a request may take where others use the processors.
const WAITS: u32 = 10;
/// What the kernel counts a process's time in, everywhere (`USER_HZ`).
const TICK_MS: u64 = 10;
/// Loading fonts and tables, on a machine that is busy with other things.
const START: Duration = Duration::from_secs(60);

pub struct Workers {
    program: PathBuf,
    limits: Limits,
    places: Mutex<Places>,
    freed: Condvar,
}

struct Places {
    free: usize,
    idle: Vec<Worker>,
}

struct Worker {
    child: Child,
    input: ChildStdin,
    answers: mpsc::Receiver<Option<Answer>>,
    served: u32,
}

impl Worker {
    /// Waits until the worker has answered, or has worked for as long as it may. One that neither works nor answers ends
    /// with the last of its waits.
    fn answer_within(&self, deadline: Duration) -> Result<Option<Answer>, mpsc::RecvTimeoutError> {
        let before = self.worked();
        for _ in 1..WAITS {
            match self.answers.recv_timeout(deadline) {
                Err(mpsc::RecvTimeoutError::Timeout) if self.worked().saturating_sub(before) < deadline => {}
                other => return other,
            }
        }
        self.answers.recv_timeout(deadline)
    }

    /// Processor time of all its threads.
    fn worked(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // After the name, which may hold anything: state, then eleven numbers, then user and system time.
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest).unwrap_or_default();
        let ticks: u64 = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * TICK_MS)
    }

    /// How it ended, for our own log: an exit code or a signal.
    fn end(&mut self) -> String {
        let _ = self.child.kill();
        self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
    }
}

/// Why a worker gave no answer.
enum Unanswered {
    /// It ended, for our own log how.
    Ended(String),
    Failed(Failure),
}

impl Unanswered {
    fn failure(self) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            Self::Ended(how) => Failure::invalid(
                "document.too-much",
                "The template needs more memory, output or rights than a template has. Simplify it.",
            )
            .with_detail(how),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It holds nothing worth saving.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Workers {
    /// Workers of this very program (`xizmat worker`).
    pub fn of_this_program(limits: Limits) -> Result<Self, Failure> {
        // The very program that runs, also after its file was replaced by a newer one.
        Ok(Self::of(PathBuf::from("/proc/self/exe"), limits))
    }

    pub(crate) fn of(program: PathBuf, limits: Limits) -> Self {
        let places = Mutex::new(Places { free: limits.workers.max(1), idle: Vec::new() });
        Self { program, limits, places, freed: Condvar::new() }
    }

    pub(super) fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        let request = serde_json::to_vec(request).map_err(broken)?;
        let idle = self.take_place();
        let outcome = self.serve(idle, &request);
        let mut places = self.places.lock().expect("no holder of this lock panics");
        places.free += 1;
        self.freed.notify_one();
        let (worker, answer) = outcome?;
        if worker.served < REQUESTS_A_WORKER {
            places.idle.push(worker);
        }
        Ok(answer)
    }

    fn take_place(&self) -> Option<Worker> {
        let places = self.places.lock().expect("no holder of this lock panics");
        let mut places =
            self.freed.wait_while(places, |places| places.free == 0).expect("no holder of this lock panics");
        places.free -= 1;
        places.idle.pop()
    }

    /// One that was kept may have ended while it was idle: what it does not answer is asked of a fresh one, whose word counts.
    fn serve(&self, idle: Option<Worker>, request: &[u8]) -> Result<(Worker, Answer), Failure> {
        if let Some(kept) = idle {
            match self.hand(kept, request) {
                Err(Unanswered::Ended(how)) => tracing::info!(how, "a kept worker had ended; a fresh one is asked"),
                other => return other.map_err(Unanswered::failure),
            }
        }
        self.hand(self.start()?, request).map_err(Unanswered::failure)
    }

    fn hand(&self, mut worker: Worker, request: &[u8]) -> Result<(Worker, Answer), Unanswered> {
        worker.served += 1;
        let length = u32::try_from(request.len()).map_err(|error| Unanswered::Failed(broken(error)))?;
        let sent = worker.input.write_all(&length.to_be_bytes()).and_then(|()| worker.input.write_all(request));
        if sent.is_err() {
            return Err(Unanswered::Ended(worker.end()));
        }
        match worker.answer_within(self.limits.deadline) {
            Ok(Some(answer)) => Ok((worker, answer)),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(Unanswered::Failed(Failure::invalid(
                "document.too-slow",
                "The template takes too long. Simplify it.",
            ))),
            Ok(None) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(Unanswered::Ended(worker.end())),
        }
    }

    fn start(&self) -> Result<Worker, Failure> {
        let mut child = Command::new(&self.program)
            .arg("worker")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(broken)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (sender, answers) = mpsc::channel();
        let (Some(input), Some(output)) = (input, output) else { return Err(broken("the worker has no pipes")) };
        let most = self.limits.output_bytes;
        let worker = Worker { child, input, answers, served: 0 };
        std::thread::spawn(move || forward(output, &sender, most));
        match worker.answers.recv_timeout(START) {
            Ok(Some(Answer::Done(_))) => Ok(worker),
            _ => Err(broken("the worker did not start")),
        }
    }
}

/// Passes answers on until the worker ends or says something it may not.
fn forward(mut output: ChildStdout, answers: &mpsc::Sender<Option<Answer>>, most: usize) {
    let mut ready = [0];
    if output.read_exact(&mut ready).is_err()
        || ready != [READY]
        || answers.send(Some(Answer::Done(Vec::new()))).is_err()
    {
        return;
    }
    loop {
        let answer = read_answer(&mut output, most);
        let last = answer.is_none();
        if answers.send(answer).is_err() || last {
            return;
        }
    }
}

fn read_answer(output: &mut ChildStdout, most: usize) -> Option<Answer> {
    let mut head = [0; 5];
    output.read_exact(&mut head).ok()?;
    let [status, length @ ..] = head;
    let length = u32::from_be_bytes(length) as usize;
    if length > most {
        return None;
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    match status {
        0 => Some(Answer::Done(body)),
        1 => Some(Answer::Refused(body)),
        _ => None,
    }
}
