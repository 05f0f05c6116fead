/// Templates of NetFlow v9 and IPFIX, and the compiled layout by which their records are read.
///
/// In: template sets. Out: [Template] and its [Layout]. Never knows: which exporter sent a
/// template, where it is stored.
@NullMarked
package dev.patronus.source.netflow.template;

import org.jspecify.annotations.NullMarked;
