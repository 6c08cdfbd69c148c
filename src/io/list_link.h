// A link of an intrusive doubly linked list: putting in and taking out cost a few stores and no allocation.
// Alone, a link points at itself; a list is a link of its own that serves as the head.
#pragma once

namespace linkspan::io {

struct ListLink {
  ListLink* next = this;
  ListLink* previous = this;

  ListLink() = default;
  ListLink(const ListLink&) = delete;
  ListLink& operator=(const ListLink&) = delete;

  bool linked() const { return next != this; }
  void unlink() {
    next->previous = previous;
    previous->next = next;
    next = previous = this;
  }
  // Puts `link` before this one: at the end of the list, if this is its head.
  void insert_before(ListLink& link) {
    link.previous = previous;
    link.next = this;
    previous->next = &link;
    previous = &link;
  }
};

}  // namespace linkspan::io
