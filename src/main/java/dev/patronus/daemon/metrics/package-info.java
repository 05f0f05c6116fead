/// The metrics page in Prometheus' text format, with `/health` and `/ready`.
///
/// In: metrics and the state of the daemon. Out: HTTP answers. Never knows: how a value is counted.
@NullMarked
package dev.patronus.daemon.metrics;

import org.jspecify.annotations.NullMarked;
