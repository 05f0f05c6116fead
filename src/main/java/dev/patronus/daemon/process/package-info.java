/// The daemon's process: log, service manager, lock and periodic tasks.
///
/// In: messages, ticks. Out: log lines, notifications. Never knows: what is counted.
package dev.patronus.daemon.process;
