// The other file of bits.c.

int called = 0;

int
rotate (unsigned value, int by)
{
  called++;
  return (value << by) | (value >> (32 - by));
}

int
calls (void)
{
  return called;
}
