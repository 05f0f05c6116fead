/// Delivery of alerts: a command, a webhook, mail.
///
/// In: notices of alerts that fired or recovered, the configured actions. Out: processes that are
/// run, HTTP requests, the result of each delivery. Never knows: rules, SQL, the daemon's threads
/// besides its own.
@NullMarked
package dev.patronus.notify;

import org.jspecify.annotations.NullMarked;
