//! Who pays, as it came.

use domain::request::Free;

use super::super::free::free_of;
use super::free::{referred, resource_of};
use super::node::Node;
use super::person::line_name;
use super::reader::Reader;

impl<'a> Reader<'_, 'a> {
    pub(super) fn coverage(&mut self, order: &Node<'a>) -> Option<Free> {
        if let Some(told) = self.free(order, "coverage") {
            return Some(told);
        }
        let mut all = Vec::new();
        for reference in order.items("insurance") {
            let target = self.follow(reference);
            all.push(match &target.resource {
                Some(resource) => self.payors_named(resource),
                None => referred(&target),
            });
        }
        match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(Free::List(all)),
        }
    }

    /// A Coverage as it travels on: a payor that came along is known by its name, because its resource stays behind.
    fn payors_named(&mut self, coverage: &Node<'a>) -> Free {
        let mut kept = resource_of(coverage);
        let mut payors = Vec::new();
        for reference in coverage.items("payor") {
            let target = self.follow(reference);
            let name = target.resource.as_ref().and_then(line_name);
            payors.push(match name {
                Some(name) => Free::Object([("display".to_owned(), Free::Text(name))].into()),
                None => free_of(target.reference.value),
            });
        }
        if let (Free::Object(members), false) = (&mut kept, payors.is_empty()) {
            members.insert("payor".to_owned(), Free::List(payors));
        }
        kept
    }
}
