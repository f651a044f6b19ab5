//! What a folder remembers between items: shared strings, shared specs, texts that were read, and the facts so far.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;

use keytrace_core::messages::{self, Surface};
use keytrace_core::objects::{Id, Kind, PodSpec, Said, Str};
use keytrace_core::snapshot::Snapshot;
use keytrace_core::value::Tagger;

use super::intern::Interner;
use super::meta::{ManagedFields, WireMeta};
use super::podspec::{Mask, Masked, WireSpec};
use super::{Context, Fault, FoldOptions, Folded, reads_managed_fields};

pub(crate) struct State {
    pub tagger: Arc<Tagger>,
    pub options: FoldOptions,
    pub names: Interner,
    pub specs: Specs,
    said: HashMap<Box<str>, Said>,
    nothing_said: Said,
    key: String,
    /// Hashes of the ids of audit entries that were read.
    pub audited: HashSet<u64>,
    pub audit_hasher: RandomState,
    /// Address of the current item, to say where in it a part of it is.
    pub item: usize,
    /// What the current item was.
    pub folded: Option<Folded>,
    pub out: Snapshot,
}

/// The texts that it remembers may hold values.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State(..)")
    }
}

impl State {
    pub fn new(tagger: Arc<Tagger>, options: FoldOptions) -> Self {
        Self {
            tagger,
            options,
            names: Interner::default(),
            specs: Specs::default(),
            said: HashMap::new(),
            nothing_said: Arc::new(messages::read("")),
            key: String::new(),
            audited: HashSet::new(),
            audit_hasher: RandomState::new(),
            item: 0,
            folded: None,
            out: Snapshot::default(),
        }
    }

    /// Reads a message, or remembers how it read before: many pods say the same. `None` for the empty text.
    pub fn said(&mut self, text: &str, surface: Surface) -> Option<Said> {
        (!text.is_empty()).then(|| self.read(text, surface))
    }

    /// As [`Self::said`]; of the empty text the reason is read.
    pub fn read(&mut self, text: &str, surface: Surface) -> Said {
        /// Texts with times or random names in them never repeat; they must not fill the memory.
        const REMEMBERED: usize = 4096;
        /// No component writes longer messages; a log that ended up in one is cut.
        const LONGEST: usize = 16 * 1024;
        let text = &text[..text.floor_char_boundary(LONGEST)];
        let reason = match surface {
            Surface::Event { reason }
            | Surface::Waiting { reason }
            | Surface::Terminated { reason }
            | Surface::Condition { reason } => reason,
            Surface::Log | Surface::ApiError | Surface::Unknown => "",
        };
        self.key.clear();
        self.key.push_str(reason);
        self.key.push('\0');
        self.key.push_str(text);
        if let Some(known) = self.said.get(self.key.as_str()) {
            return known.clone();
        }
        let said: Said = Arc::new(messages::read_on(text, surface));
        if self.said.len() >= REMEMBERED {
            self.said.clear();
        }
        self.said.insert(self.key.as_str().into(), said.clone());
        said
    }

    /// For texts that are known to say nothing.
    pub fn nothing_said(&self) -> Said {
        self.nothing_said.clone()
    }

    /// Names an object, and counts it.
    pub fn id<M: ManagedFields>(&mut self, kind: Kind, meta: &WireMeta<'_, M>, context: &Context) -> Id {
        let namespace = match meta.namespace.filled() {
            Some(namespace) => namespace,
            None if kind.is_namespaced() => context.namespace.unwrap_or_default(),
            None => "",
        };
        let id = Id { namespace: self.names.get(namespace), name: Str::from(meta.any_name()), kind };
        self.folded = Some(Folded { kind: id.kind.clone(), namespace: id.namespace.clone() });
        let coverage = &mut self.out.coverage;
        coverage.kinds.entry(id.kind.clone()).or_default().count += 1;
        if !reads_managed_fields(id.kind.name()) {
            return id;
        }
        if meta.managed_fields.any() {
            coverage.with_managed_fields += 1;
        } else {
            coverage.without_managed_fields += 1;
        }
        id
    }

    /// The spec behind a text, and the node that it names.
    pub fn spec(&mut self, text: &str) -> Result<(Arc<PodSpec>, Option<Str>), Fault> {
        let masked = self.specs.mask.cut(text);
        let key = self.specs.key(&masked);
        if let Some(known) = self.specs.texts.get(&key)
            && known.node_is_cut
        {
            let spec = known.spec.clone();
            return Ok((spec, masked.node.and_then(|n| self.names.filled(n))));
        }
        let wire: WireSpec = super::parse_within(text, self.item)?;
        let node = self.names.filled(wire.node_name());
        let spec = wire.fold(self);
        let node_is_cut = masked.node.unwrap_or_default() == node.as_deref().unwrap_or_default();
        self.specs.texts.insert(key, Known { spec: spec.clone(), node_is_cut });
        Ok((spec, node))
    }
}

/// Pod specs by the text that they were read from, and by their content.
#[derive(Debug, Default)]
pub(crate) struct Specs {
    hasher: foldhash::quality::RandomState,
    mask: Mask,
    /// By hash and length of the masked text.
    texts: HashMap<(u64, usize), Known, foldhash::fast::RandomState>,
    shared: HashSet<Arc<PodSpec>>,
}

#[derive(Debug)]
struct Known {
    spec: Arc<PodSpec>,
    /// What was cut from the text is the node's name, so that the spec serves for all nodes.
    node_is_cut: bool,
}

impl Specs {
    pub fn share(&mut self, spec: PodSpec) -> Arc<PodSpec> {
        if let Some(known) = self.shared.get(&spec) {
            return known.clone();
        }
        let shared = Arc::new(spec);
        self.shared.insert(shared.clone());
        shared
    }

    fn key(&self, masked: &Masked) -> (u64, usize) {
        let mut hasher = self.hasher.build_hasher();
        for part in &masked.parts {
            part.hash(&mut hasher);
        }
        masked.node.is_some().hash(&mut hasher);
        (hasher.finish(), masked.parts.iter().map(|p| p.len()).sum())
    }
}
