//! A persistent map of things by their id, each thing behind its own reference: a clone of the map shares all of them, and changing one
//! copies that one and a few numbers. (The tree alone would copy every text of the sixty neighbours in its node.)

use std::{fmt, sync::Arc};

use imbl::OrdMap;

#[derive(Clone)]
pub(crate) struct Shelf<K, V>(OrdMap<K, Arc<V>>);

impl<K: Ord + Clone, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<K: Ord + fmt::Debug, V: fmt::Debug> fmt::Debug for Shelf<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K: Ord, V: PartialEq> PartialEq for Shelf<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Ord + Clone, V> Shelf<K, V> {
    pub(crate) fn get(&self, id: &K) -> Option<&V> {
        self.0.get(id).map(Arc::as_ref)
    }

    /// In order of ids.
    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.values().map(Arc::as_ref)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.0.iter().map(|(id, value)| (id, value.as_ref()))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn last_id(&self) -> Option<&K> {
        self.0.get_max().map(|(id, _)| id)
    }

    pub(crate) fn insert(&mut self, id: K, value: V) {
        self.put(id, Arc::new(value));
    }

    pub(crate) fn put(&mut self, id: K, value: Arc<V>) {
        self.0.insert(id, value);
    }

    /// The things themselves, for a snapshot: shared, not copied.
    pub(crate) fn shared(&self) -> Vec<Arc<V>> {
        self.0.values().map(Arc::clone).collect()
    }
}

impl<K: Ord + Clone, V: Clone> Shelf<K, V> {
    pub(crate) fn get_mut(&mut self, id: &K) -> Option<&mut V> {
        self.0.get_mut(id).map(Arc::make_mut)
    }
}

impl<K: Ord + Clone, V> FromIterator<(K, Arc<V>)> for Shelf<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, Arc<V>)>>(all: T) -> Self {
        Self(all.into_iter().collect())
    }
}
