/*
 * The steps of src/roles/steps.ts in plain C, for count-steps.mjs to count: what a compiler makes of them, in instructions
 * executed. Each is a function that is called CALLS times with the caches and the structures as a running kernel has them.
 * Written for this purpose; the structures are as simple as a kernel could have them.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CALLS 1000
/* Called as from afar: nothing that only this file could know makes it shorter. */
#ifdef __clang__
#define STEP __attribute__((noinline))
#else
#define STEP __attribute__((noipa))
#endif

typedef struct list { struct list *next, *prev; } list;
typedef struct file { long handle, inode, position; int type, flags, references; void *stream; } file;
typedef struct descriptor { file *file; uint32_t base, inheriting; } descriptor;
typedef struct table { descriptor **entries; unsigned size, low; uint64_t used[16]; } table;
typedef struct process { table *table; int number; char *memory; size_t bytes; } process;
typedef struct entry { struct entry *next; uint32_t hash, length; long inode; char name[24]; } entry;
typedef struct waiter { list link; void *thread; int state; } waiter;

static process *current;
static volatile long sink;

/* DESCRIPTOR: from a number to the open file of the caller. */
STEP static file *find_descriptor(unsigned fd) {
  table *t = current->table;
  if (fd >= t->size) return NULL;
  descriptor *d = t->entries[fd];
  return d ? d->file : NULL;
}

/* SLOT: from a number to a kernel object. */
static void *slots[1024];
static unsigned slots_size = 1024;
STEP static void *find_slot(unsigned number) { return number - 1 < slots_size ? slots[number - 1] : NULL; }

/* RIGHT: a bit mask tested, an error for what is missing. */
STEP static int check_right(const descriptor *d, uint32_t right) { return (d->base & right) == right ? 0 : -76; }

/* RANGE: whether bytes lie in the caller's memory. */
STEP static int check_range(size_t at, size_t length) { return length <= current->bytes && at <= current->bytes - length ? 0 : -14; }

/* WORD: a checked store to the caller's memory. */
STEP static int put_word(size_t at, uint32_t value) {
  if (at > current->bytes - 4) return -14;
  *(uint32_t *)(current->memory + at) = value;
  return 0;
}

/* SCAN, a byte: a path split into names and hashed. */
STEP static unsigned split_path(const char *path, size_t length, uint32_t *hashes) {
  unsigned names = 0;
  uint32_t hash = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)path[i];
    if (c == '/') { hashes[names++] = hash; hash = 0; continue; }
    hash = (hash ^ c) * 0x5bd1e995u;
  }
  hashes[names++] = hash;
  return names;
}

/* TEXT, a byte: a string taken from the caller and checked to be UTF-8. */
STEP static int take_text(const unsigned char *from, size_t length, unsigned char *to) {
  for (size_t i = 0; i < length; i++) {
    unsigned char c = from[i];
    if (c >= 0x80 || c == 0) return -25;
    to[i] = c;
  }
  return 0;
}

/* PROBE: an entry found by its hash, the name compared. */
static entry *buckets[256];
STEP static entry *probe(uint32_t hash, const char *name, uint32_t length) {
  for (entry *e = buckets[hash & 255]; e; e = e->next)
    if (e->hash == hash && e->length == length && memcmp(e->name, name, length) == 0) return e;
  return NULL;
}

/* ALLOCATE, FREE: an object of one size from a free list, counted. */
typedef struct object { struct object *next; } object;
static object *free_objects;
static long objects, objects_max = 1 << 20;
STEP static void *allocate(void) {
  object *o = free_objects;
  if (!o || objects >= objects_max) return NULL;
  free_objects = o->next;
  objects++;
  memset(o, 0, 64);
  return o;
}
STEP static void release(void *given) {
  object *o = given;
  o->next = free_objects;
  free_objects = o;
  objects--;
}

/* NUMBER: the lowest free number of a table, by a bit map. */
STEP static int lowest_number(table *t) {
  for (unsigned word = t->low >> 6; word < 16; word++) {
    if (~t->used[word] == 0) continue;
    unsigned bit = (unsigned)__builtin_ctzll(~t->used[word]);
    t->used[word] |= 1ull << bit;
    t->low = word * 64 + bit;
    return (int)t->low;
  }
  return -33;
}

/* LINK, UNLINK: an object on a list, and off it. */
STEP static void link_in(list *head, list *item) { item->next = head; item->prev = head->prev; head->prev->next = item; head->prev = item; }
STEP static void unlink_from(list *item) { item->prev->next = item->next; item->next->prev = item->prev; }

/* PAGE: a page of a file found in a two-level table. */
static void **directory_of_pages[512];
STEP static void *find_page(uint64_t offset) {
  uint64_t page = offset >> 12;
  if (page >> 9 >= 512) return NULL;
  void **leaf = directory_of_pages[page >> 9];
  return leaf ? leaf[page & 511] : NULL;
}

/* RECORD: attributes, ten words, put into the caller's. */
STEP static void put_record(const uint64_t *from, uint64_t *to) { for (int i = 0; i < 10; i++) to[i] = ((volatile const uint64_t *)from)[i]; }

/* TIME: seconds and nanoseconds as one number, and a number as those. */
STEP static uint64_t join_time(uint64_t sec, uint32_t nsec) { return sec * 1000000000ull + nsec; }
STEP static uint64_t split_time(uint64_t ns, uint32_t *nsec) { uint64_t sec = ns / 1000000000ull; *nsec = (uint32_t)(ns - sec * 1000000000ull); return sec; }

/* PIECE: one buffer of a vector, checked and taken. */
typedef struct { uint32_t at, length; } iovec;
STEP static long take_pieces(const iovec *from, unsigned count, iovec *to) {
  uint64_t total = 0;
  for (unsigned i = 0; i < count; i++) {
    if ((uint64_t)from[i].at + from[i].length > current->bytes) return -14;
    to[i] = from[i];
    total += from[i].length;
  }
  return (long)total;
}

/* RING: how much of a ring's bytes or room one transfer takes, and its places moved. */
typedef struct { uint32_t head, length, size; list readers, writers; } ring;
STEP static uint32_t take_from_ring(ring *r, uint32_t wanted, uint32_t *first) {
  uint32_t count = wanted < r->length ? wanted : r->length;
  uint32_t to_end = r->size - r->head;
  *first = count < to_end ? count : to_end;
  r->head = (r->head + count) & (r->size - 1);
  r->length -= count;
  return count;
}

/* WAIT, WAKE: a thread on a queue, and off it and ready. */
static list ready;
STEP static void wait_on(list *queue, waiter *w) { w->state = 1; link_in(queue, &w->link); }
STEP static int wake_first(list *queue) {
  if (queue->next == queue) return 0;
  waiter *w = (waiter *)queue->next;
  unlink_from(&w->link);
  w->state = 0;
  link_in(&ready, &w->link);
  return 1;
}

/* SIFT: a place for a deadline in a heap of 1,024. */
static uint64_t heap[1025];
STEP static unsigned sift(uint64_t deadline) {
  unsigned at = 1024;
  while (at > 1 && heap[at >> 1] > deadline) { heap[at] = heap[at >> 1]; at >>= 1; }
  heap[at] = deadline;
  return at;
}

/* DIRENT: one entry of a directory put as a record, but for the bytes of its name. */
STEP static uint32_t put_dirent(unsigned char *to, uint32_t room, const entry *e, uint64_t cookie) {
  uint32_t size = (24 + e->length + 7) & ~7u;
  if (size > room) return 0;
  *(uint64_t *)to = cookie;
  *(uint64_t *)(to + 8) = (uint64_t)e->inode;
  *(uint32_t *)(to + 16) = 4;
  *(uint32_t *)(to + 20) = e->length;
  return size;
}

/* DECIMAL: a number as text, six digits of it. */
STEP static unsigned put_decimal(char *to, unsigned value) {
  char digits[12];
  unsigned n = 0, at = 0;
  do { digits[n++] = (char)('0' + value % 10); value /= 10; } while (value);
  while (n) to[at++] = digits[--n];
  return at;
}

/* CHACHA, a block: 64 bytes of a stream cipher's output. */
STEP static void chacha_block(uint32_t out[16], const uint32_t in[16]) {
  uint32_t x[16];
  for (int i = 0; i < 16; i++) x[i] = in[i];
#define ROTATE(v, n) ((v) << (n) | (v) >> (32 - (n)))
#define QUARTER(a, b, c, d) x[a] += x[b]; x[d] = ROTATE(x[d] ^ x[a], 16); x[c] += x[d]; x[b] = ROTATE(x[b] ^ x[c], 12); \
  x[a] += x[b]; x[d] = ROTATE(x[d] ^ x[a], 8); x[c] += x[d]; x[b] = ROTATE(x[b] ^ x[c], 7);
  for (int i = 0; i < 10; i++) {
    QUARTER(0, 4, 8, 12) QUARTER(1, 5, 9, 13) QUARTER(2, 6, 10, 14) QUARTER(3, 7, 11, 15)
    QUARTER(0, 5, 10, 15) QUARTER(1, 6, 11, 12) QUARTER(2, 7, 8, 13) QUARTER(3, 4, 9, 14)
  }
  for (int i = 0; i < 16; i++) out[i] = x[i] + in[i];
}

/* CAPABILITY: a slot of a capability space, its kind and life checked. */
typedef struct { void *object; uint32_t kind, badge; int live; } capability;
typedef struct { capability **slots; unsigned size; } space;
STEP static capability *find_capability(const space *s, unsigned slot, uint32_t kind) {
  if (slot >= s->size) return NULL;
  capability *c = s->slots[slot];
  return c && c->kind == kind && c->live ? c : NULL;
}

/* DERIVE, REVOKE: a capability made of another, below it in the tree; and taken out. */
typedef struct node { capability c; struct node *parent, *child, *next, *prev; } node;
STEP static node *derive(node *from, node *made, space *to, unsigned slot, uint32_t rights) {
  if (slot >= to->size || to->slots[slot]) return NULL;
  made->c = from->c;
  made->c.badge &= rights;
  made->parent = from; made->child = NULL; made->prev = NULL; made->next = from->child;
  if (from->child) from->child->prev = made;
  from->child = made;
  to->slots[slot] = &made->c;
  return made;
}
STEP static void revoke(node *n, space *from, unsigned slot) {
  if (n->prev) n->prev->next = n->next; else n->parent->child = n->next;
  if (n->next) n->next->prev = n->prev;
  n->c.live = 0;
  from->slots[slot] = NULL;
}

/* PICK: the first thread of the best priority that has one. */
static list queues[64];
static uint64_t queue_bits;
STEP static list *pick_next(void) {
  if (!queue_bits) return NULL;
  unsigned priority = (unsigned)__builtin_ctzll(queue_bits);
  list *first = queues[priority].next;
  unlink_from(first);
  if (queues[priority].next == &queues[priority]) queue_bits &= ~(1ull << priority);
  return first;
}

/* DISPATCH: a system call's number checked and its function called with the six registers. */
typedef long (*call)(long, long, long, long, long, long);
static long nothing(long a, long b, long c, long d, long e, long f) { (void)a; (void)b; (void)c; (void)d; (void)e; (void)f; return 0; }
static call calls[64];
STEP static long dispatch(unsigned number, long *registers) {
  if (number >= 64) return -52;
  return registers[0] = calls[number](registers[0], registers[1], registers[2], registers[3], registers[4], registers[5]);
}

/* RPC: one way of a call by capability: endpoint, waiting receiver, four words, reply capability, who is current. */
typedef struct thread { list link; int state; struct thread *reply_to; long words[8]; void *page_table; uint32_t badge, priority; } thread;
typedef struct endpoint { list waiting; int state; } endpoint;
static thread *running;
STEP static int rpc_one_way(const space *s, unsigned slot, unsigned length, const long *words) {
  if (slot >= s->size) return -1;
  capability *c = s->slots[slot];
  if (!c || c->kind != 3 || !c->live || length > 4) return -1;
  endpoint *e = c->object;
  if (e->state != 1) return -1;
  thread *receiver = (thread *)e->waiting.next;
  if (!receiver->page_table || receiver->priority < running->priority) return -1;
  unlink_from(&receiver->link);
  if (e->waiting.next == &e->waiting) e->state = 0;
  for (unsigned i = 0; i < length; i++) receiver->words[i] = words[i];
  receiver->badge = c->badge;
  receiver->reply_to = running;
  running->state = 2;
  receiver->state = 0;
  running = receiver;
  return (int)length;
}

/* SAVE: the registers of a thread put into a message, and taken from one. */
STEP static void save_registers(const long *from, long *to) { for (int i = 0; i < 18; i++) to[i] = ((volatile const long *)from)[i]; }

static char memory[1 << 16];

int main(void) {
  static descriptor *entries[64];
  static file files[64];
  static descriptor descriptors[64];
  static table tab;
  static process self;
  static capability caps[64], *cap_slots[64];
  static space caller, callee;
  static capability *callee_slots[64];
  static endpoint point;
  static thread client, server;
  static ring pipe;
  static waiter waiters[2];
  static node root, child;
  static void *leaf[512];
  static uint64_t words[10], out[10];
  static long registers[18], message[18];
  static entry entries_of_directory[64];
  static char objects_of[2][64];
  for (int i = 0; i < 64; i++) {
    descriptors[i].file = &files[i];
    descriptors[i].base = ~0u;
    entries[i] = &descriptors[i];
    caps[i].kind = 3; caps[i].live = 1; caps[i].object = &point;
    cap_slots[i] = &caps[i];
    calls[i] = nothing;
  }
  tab.entries = entries; tab.size = 64;
  self.table = &tab; self.memory = memory; self.bytes = sizeof memory;
  current = &self;
  for (int i = 0; i < 1024; i++) slots[i] = &files[i & 63];
  caller.slots = cap_slots; caller.size = 64;
  callee.slots = callee_slots; callee.size = 64;
  point.waiting.next = point.waiting.prev = &point.waiting;
  server.page_table = &server; server.priority = 1; client.priority = 1;
  ready.next = ready.prev = &ready;
  pipe.size = 65536;
  pipe.readers.next = pipe.readers.prev = &pipe.readers;
  for (int i = 0; i < 64; i++) queues[i].next = queues[i].prev = &queues[i];
  for (int i = 0; i < 512; i++) leaf[i] = memory;
  directory_of_pages[0] = leaf;
  free_objects = (object *)objects_of[0];
  free_objects->next = (object *)objects_of[1];
  for (int i = 0; i < 1025; i++) heap[i] = (uint64_t)i * 1000;
  const char *path = "home/user/documents/letter.txt";
  uint32_t hashes[8];
  split_path(path, strlen(path), hashes);
  for (int i = 0; i < 64; i++) {
    entry *e = &entries_of_directory[i];
    strcpy(e->name, i == 0 ? "letter.txt" : "another.txt");
    e->length = (uint32_t)strlen(e->name);
    e->hash = i == 0 ? hashes[3] : (uint32_t)i * 2654435761u;
    e->next = buckets[e->hash & 255];
    buckets[e->hash & 255] = e;
  }
  root.c = caps[0];
  uint32_t in[16] = { 1, 2, 3 }, stream[16];
  iovec from[8], to[8];
  for (int i = 0; i < 8; i++) from[i].at = 100, from[i].length = 10;

  for (int i = 0; i < CALLS; i++) {
    sink += (long)find_descriptor((unsigned)i & 63);
    sink += (long)find_slot(((unsigned)i & 1023) + 1);
    sink += check_right(&descriptors[i & 63], 6);
    sink += check_range((size_t)i, 64);
    sink += put_word((size_t)i, 1);
    sink += split_path(path, 30, hashes);
    sink += take_text((const unsigned char *)path, 30, (unsigned char *)memory);
    sink += (long)probe(hashes[3], "letter.txt", 10);
    void *o = allocate();
    release(o);
    tab.low = 0; memset(tab.used, 255, 8); tab.used[1] = 7;
    sink += lowest_number(&tab);
    link_in(&queues[3], &waiters[1].link);
    unlink_from(&waiters[1].link);
    sink += (long)find_page((uint64_t)i << 10);
    put_record(words, out);
    uint32_t nsec;
    sink += (long)join_time((uint64_t)i, 7);
    sink += (long)split_time((uint64_t)i * 12345678901ull, &nsec);
    sink += take_pieces(from, 8, to);
    pipe.length = 5000;
    sink += take_from_ring(&pipe, 4096, &nsec);
    wait_on(&pipe.readers, &waiters[0]);
    sink += wake_first(&pipe.readers);
    unlink_from(&waiters[0].link);
    heap[1024] = 0;
    sink += sift(300000);
    sink += put_dirent((unsigned char *)memory, 4096, &entries_of_directory[0], 7);
    sink += put_decimal(memory, 123456);
    chacha_block(stream, in);
    sink += (long)find_capability(&caller, (unsigned)i & 63, 3);
    sink += (long)derive(&root, &child, &callee, 5, ~0u);
    revoke(&child, &callee, 5);
    link_in(&queues[3], &server.link);
    queue_bits |= 8;
    sink += (long)pick_next();
    sink += dispatch((unsigned)i & 63, registers);
    link_in(&point.waiting, &server.link);
    point.state = 1;
    running = &client;
    sink += rpc_one_way(&caller, 4, 4, registers);
    save_registers(registers, message);
  }
  return 0;
}
