/// Path selection: the known paths, their scores, and the two caches of metrics and decisions.
///
/// In: policies, paths, endpoints, and a source of the latest metrics. Out: [RoutingDecision],
/// [PathExplanation], and the caches' statistics. Never knows: SQL, which thread asks, how an
/// answer is printed.
@NullMarked
package dev.patronus.route;

import org.jspecify.annotations.NullMarked;
