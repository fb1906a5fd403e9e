"""Put poisoned messages that no worker parked back into the queue: while the app is down, nobody parks them."""

from dataclasses import dataclass

from lead_core.lead.received import Envelope
from lead_core.marketplace.by_hand import open_message
from lead_core.marketplace.envelope import MAX_BODY_BYTES, encode_envelope, read_message
from lead_core.ports.rejects import PoisonQueue
from lead_core.ports.storage import LeadQueue


@dataclass(frozen=True, slots=True)
class Returning:
    """Returns poisoned messages to the queue."""

    poison: PoisonQueue
    queue: LeadQueue

    async def count(self) -> int:
        """Return about how many messages there are."""
        return await self.poison.count()

    async def return_all(self) -> list[Envelope]:
        """Put each message into the queue, then remove it, and return what was in them.

        If the process ends in between, the message is returned again later. The second delivery changes nothing.
        A text that is larger than a lead stays for a worker, who keeps it in ``RejectedLeads``.
        """
        returned: list[Envelope] = []
        left = await self.poison.count()  # Not longer: the host may bring them back as fast as they are returned.
        while left > 0 and (taken := await self.poison.take()):
            for message in taken:
                # A person's text gets its envelope here. Else it would have another id each time it is returned.
                envelope, _ = open_message(read_message(message.content), message.message_id, message.queued_at)
                if len(envelope.body) <= MAX_BODY_BYTES:
                    await self.queue.enqueue(encode_envelope(envelope))
                    await self.poison.remove(message)
                    returned.append(envelope)
            left -= len(taken)
        return returned
